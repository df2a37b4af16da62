"""What each sample shows, in the other languages a counter may have."""

from collections.abc import Callable, Iterator, Mapping

from posrefund.sandbox.samples import SAMPLES


class SaidSamples(Mapping[str, str]):
    """Each sample's reference, and what it shows: said in the language of the moment."""

    def __init__(self, language: Callable[[], str]) -> None:
        self._language = language

    def __getitem__(self, reference: str) -> str:
        """What it shows; in English where there is no other sentence."""
        sample = next((one for one in SAMPLES if one.reference == reference), None)
        if sample is None:
            raise KeyError(reference)
        return said(sample.shows, self._language())

    def __iter__(self) -> Iterator[str]:
        return (one.reference for one in SAMPLES)

    def __len__(self) -> int:
        return len(SAMPLES)


def said(shows: str, language: str) -> str:
    """The sentence in that language, `nld`, `deu` or `fra`; else as it is."""
    return dict(zip(("nld", "deu", "fra"), _SAID.get(shows, ()), strict=False)).get(language, shows)


_SAID = {
    "a sale at the counter terminal": (
        "een verkoop op de betaalautomaat van de kassa",
        "ein Verkauf am Kartenterminal der Kasse",
        "une vente au terminal de la caisse",
    ),
    "CCV's own limit example: 11.98 is the most, 11.99 is refused": (
        "de grens van CCV: 11,98 is het meeste, 11,99 wordt geweigerd",
        "die Grenze von CCV: 11,98 geht noch, 11,99 wird abgelehnt",
        "la limite de CCV : 11,98 au plus, 11,99 est refusé",
    ),
    "12.34 was given back before; 87.66 is left": (
        "12,34 is al terugbetaald; 87,66 is over",
        "12,34 wurden schon erstattet; 87,66 sind übrig",
        "12,34 déjà remboursés ; il reste 87,66",
    ),
    "given back 110 %: nothing is left here; 4.00 more only by command": (
        "110 % terugbetaald: hier is niets over; 4,00 alleen met commando",
        "zu 110 % erstattet: hier bleibt nichts; 4,00 nur per Befehl",
        "remboursé à 110 % : plus rien ici ; 4,00 par commande seulement",
    ),
    "fully given back": (
        "helemaal terugbetaald",
        "vollständig erstattet",
        "entièrement remboursé",
    ),
    "a SoftPOS sale, with or without the customer's card": (
        "een SoftPOS-verkoop, met of zonder de kaart van de klant",
        "ein SoftPOS-Verkauf, mit oder ohne Karte des Kunden",
        "une vente SoftPOS, avec ou sans la carte du client",
    ),
    "the capture of T1007.A: this is what can be refunded": (
        "de capture van T1007.A: die kan terugbetaald worden",
        "der Capture von T1007.A: der kann erstattet werden",
        "la capture de T1007.A : c'est elle qui se rembourse",
    ),
    "an authorisation: not refundable; its capture is T1007.C": (
        "een autorisatie: niet terug te betalen; haar capture is T1007.C",
        "eine Autorisierung: nicht erstattbar; ihr Capture ist T1007.C",
        "une autorisation : non remboursable ; sa capture est T1007.C",
    ),
    "an iDEAL payment: no terminal, success at once": (
        "een iDEAL-betaling: zonder automaat, meteen gelukt",
        "eine iDEAL-Zahlung: ohne Terminal, sofort erstattet",
        "un paiement iDEAL : sans terminal, remboursé aussitôt",
    ),
    "the shop's balance at CCV is too small: unsufficient_balance": (
        "het saldo van de winkel bij CCV is te laag: unsufficient_balance",
        "das Guthaben bei CCV reicht nicht: unsufficient_balance",
        "le solde du magasin chez CCV est trop bas : unsufficient_balance",
    ),
    "the child of L1010.Y: where the money really went": (
        "hoort bij L1010.Y: hier ging het geld echt heen",
        "gehört zu L1010.Y: hierhin floss das Geld wirklich",
        "lié à L1010.Y : c'est ici que l'argent est allé",
    ),
    "a landing page: refund its child I1010.Y instead": (
        "een landingspagina: betaal I1010.Y terug, dat erbij hoort",
        "eine Landingpage: erstatten Sie I1010.Y, das dazugehört",
        "une page de paiement : remboursez plutôt I1010.Y, qui lui est lié",
    ),
    "a payment that failed: nothing to give back": (
        "een mislukte betaling: niets terug te betalen",
        "eine fehlgeschlagene Zahlung: nichts zu erstatten",
        "un paiement échoué : rien à rembourser",
    ),
    "a payment that is still pending": (
        "een betaling die nog loopt",
        "eine Zahlung, die noch läuft",
        "un paiement encore en cours",
    ),
    "split between two merchants: M1 40.00 and M2 20.00": (
        "verdeeld over twee winkels: M1 40,00 en M2 20,00",
        "auf zwei Händler verteilt: M1 40,00 und M2 20,00",
        "réparti entre deux commerçants : M1 40,00 et M2 20,00",
    ),
    "a payment in pounds": (
        "een betaling in ponden",
        "eine Zahlung in Pfund",
        "un paiement en livres sterling",
    ),
    "one of two under order 1015": (
        "een van de twee onder order 1015",
        "eine von zweien unter Auftrag 1015",
        "l'un des deux de la commande 1015",
    ),
    "the other of two under order 1015": (
        "de andere van de twee onder order 1015",
        "die andere von zweien unter Auftrag 1015",
        "l'autre des deux de la commande 1015",
    ),
    "a refund failed before: it does not count, all 30.00 is left": (
        "een mislukte terugbetaling telt niet: alle 30,00 is over",
        "eine gescheiterte Erstattung zählt nicht: alle 30,00 sind übrig",
        "un remboursement échoué ne compte pas : il reste 30,00",
    ),
    "CCV still looks into an earlier refund of 10.00: it counts": (
        "CCV onderzoekt nog een terugbetaling van 10,00: die telt mee",
        "CCV prüft noch eine Erstattung von 10,00: sie zählt mit",
        "CCV examine encore un remboursement de 10,00 : il compte",
    ),
    "reversed at the terminal: a reversal counts as given back": (
        "op de automaat teruggedraaid: dat telt als terugbetaald",
        "am Terminal storniert: das zählt als erstattet",
        "annulé au terminal : cela compte comme remboursé",
    ),
    "text to be careful with: markup and a bell": (
        "tekst om mee op te passen: opmaak en een belletje",
        "Text mit Tücken: Auszeichnungen und eine Klingel",
        "un texte piégé : balises et sonnerie",
    ),
    "the line drops: not known, then done by itself": (
        "de lijn valt weg: onbekend, dan vanzelf gelukt",
        "Leitung bricht ab: erst unbekannt, dann erstattet",
        "la ligne coupe : inconnu, puis remboursé",
    ),
    "a person must look: CCV says manualintervention": (
        "iemand moet kijken: manualintervention bij CCV",
        "jemand muss prüfen: manualintervention bei CCV",
        "à faire vérifier : manualintervention chez CCV",
    ),
    "the line drops, and it stays not known": (
        "de lijn valt weg, en het blijft onbekend",
        "die Leitung bricht ab, und es bleibt unbekannt",
        "la ligne coupe, et cela reste inconnu",
    ),
    "the payment of CCV's terminal example": (
        "de betaling uit het automaatvoorbeeld van CCV",
        "die Zahlung aus dem Terminalbeispiel von CCV",
        "le paiement de l'exemple de terminal de CCV",
    ),
    "the payment of CCV's first example": (
        "de betaling uit het eerste voorbeeld van CCV",
        "die Zahlung aus dem ersten Beispiel von CCV",
        "le paiement du premier exemple de CCV",
    ),
    "the payment of CCV's refund guide": (
        "de betaling uit de handleiding van CCV",
        "die Zahlung aus der Anleitung von CCV",
        "le paiement du guide de CCV",
    ),
}
"""By the English sentence: Dutch, German, French."""
