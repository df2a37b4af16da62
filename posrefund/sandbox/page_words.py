"""The words of the terminal page, in the four languages a counter may have."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language."""

    html: str
    """The language for the browser."""
    title: str
    amount: str
    reference: str
    terminal: str
    status: str
    ask: str
    present: str
    decline: str
    cancel: str
    leave: str
    done: str
    failed: str
    review: str
    back: str
    unknown: str


_WORDS = {
    "eng": Words(
        html="en",
        title="Refund at the terminal",
        amount="Amount",
        reference="Reference",
        terminal="Terminal",
        status="Status",
        ask="Waiting for the customer. You play the customer:",
        present="Present the card",
        decline="The card is declined",
        cancel="Press STOP",
        leave="Close this page to leave it alone: the refund goes on waiting.",
        done="The terminal is done. The result is on the till.",
        failed="The terminal has stopped. The result is on the till.",
        review="The terminal does not know. The result is on the till.",
        back="Back to the till",
        unknown="There is no such refund.",
    ),
    "nld": Words(
        html="nl",
        title="Terugbetaling op de betaalautomaat",
        amount="Bedrag",
        reference="Referentie",
        terminal="Betaalautomaat",
        status="Status",
        ask="Wacht op de klant. U speelt de klant:",
        present="Kaart aanbieden",
        decline="De kaart wordt geweigerd",
        cancel="Op STOP drukken",
        leave="Sluit deze pagina om niets te doen: de terugbetaling blijft wachten.",
        done="De betaalautomaat is klaar. Het resultaat staat op de kassa.",
        failed="De betaalautomaat is gestopt. Het resultaat staat op de kassa.",
        review="De betaalautomaat weet het niet. Het resultaat staat op de kassa.",
        back="Terug naar de kassa",
        unknown="Deze terugbetaling bestaat niet.",
    ),
    "deu": Words(
        html="de",
        title="Rückerstattung am Terminal",
        amount="Betrag",
        reference="Referenz",
        terminal="Terminal",
        status="Status",
        ask="Der Kunde ist am Zug. Sie spielen den Kunden:",
        present="Karte vorhalten",
        decline="Die Karte wird abgelehnt",
        cancel="STOP drücken",
        leave="Diese Seite schließen, um nichts zu tun: die Rückerstattung wartet weiter.",
        done="Das Terminal ist fertig. Das Ergebnis steht an der Kasse.",
        failed="Das Terminal hat abgebrochen. Das Ergebnis steht an der Kasse.",
        review="Das Terminal weiß es nicht. Das Ergebnis steht an der Kasse.",
        back="Zurück zur Kasse",
        unknown="Diese Rückerstattung gibt es nicht.",
    ),
    "fra": Words(
        html="fr",
        title="Remboursement sur le terminal",
        amount="Montant",
        reference="Référence",
        terminal="Terminal",
        status="Statut",
        ask="En attente du client. Vous jouez le client :",
        present="Présenter la carte",
        decline="La carte est refusée",
        cancel="Appuyer sur STOP",
        leave="Fermez cette page pour ne rien faire : le remboursement reste en attente.",
        done="Le terminal a terminé. Le résultat est sur la caisse.",
        failed="Le terminal s'est arrêté. Le résultat est sur la caisse.",
        review="Le terminal ne sait pas. Le résultat est sur la caisse.",
        back="Retour à la caisse",
        unknown="Ce remboursement n'existe pas.",
    ),
}


def words_of(language: object) -> Words:
    """The words of a merchantLanguage, in any case; English when it is not one of the four."""
    return _WORDS.get(str(language).lower(), _WORDS["eng"])
