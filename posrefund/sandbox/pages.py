"""The page behind payUrl, on which a person plays the customer, and the sandbox's own index."""

from html import escape
from urllib.parse import quote, urlsplit

from posrefund.sandbox.bank import Bank
from posrefund.sandbox.cents import as_text
from posrefund.sandbox.exchange import Answer, Request
from posrefund.sandbox.page_words import Words, words_of
from posrefund.sandbox.receipts import language_of
from posrefund.sandbox.transaction import Transaction

PATH = "/terminal/poll"
"""As on CCV's own host (terminal page, payUrl)."""


class Markup(str):
    """HTML of ours, with every foreign text in it escaped already."""

    __slots__ = ()


_UNSAFE_SCHEMES = frozenset({"", "javascript", "data", "vbscript", "file", "blob"})
_STYLE = """
:root { color-scheme: light dark; --ink: #14213d; --paper: #fff; --ground: #eef1f6;
  --line: #cfd6e4; --go: #0b6b3a; --stop: #a4262c; --dim: #51607a; --focus: #e07a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf6; --paper: #1a2233; --ground: #0f1522;
  --line: #38445c; --go: #16804a; --stop: #c0444a; --dim: #a3b0c8; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem; background: var(--ground); color: var(--ink);
  font: 1.05rem/1.5 system-ui, sans-serif; }
main { max-width: 34rem; margin: auto; padding: 1.75rem; background: var(--paper);
  border: 1px solid var(--line); border-radius: .9rem; }
main.wide { max-width: 72rem; }
h1 { margin: 0 0 1rem; font-size: 1.3rem; }
h2 { margin: 2rem 0 .5rem; font-size: 1.1rem; }
.amount { margin: 0 0 1rem; font-size: 2.6rem; font-weight: 700; line-height: 1.1; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0 0 1.5rem; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
form { display: grid; gap: .6rem; }
button { padding: .85rem 1rem; border: 2px solid transparent; border-radius: .6rem; color: #fff;
  background: var(--go); font: inherit; font-weight: 600; text-align: left; cursor: pointer; }
button.stop { background: var(--stop); } button.dim { background: #4a5872; }
:focus-visible { outline: 4px solid var(--focus); outline-offset: 2px; }
kbd { float: right; opacity: .8; font: inherit; }
.note { color: var(--dim); } .result { padding: 1rem; border: 2px solid; border-radius: .6rem;
  font-weight: 600; }
.test { margin: -1.75rem -1.75rem 1.25rem; padding: .4rem 1.75rem; background: #5b3a00;
  color: #fff; border-radius: .85rem .85rem 0 0; font-size: .9rem; font-weight: 600; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: left; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
"""
# Reloading only on news keeps the keyboard's place on the page.
_SCRIPT = """
const shown = document.body.dataset.status;
setInterval(async () => {
  try {
    const answer = await fetch(location.href, {headers: {Accept: "application/json"}});
    if ((await answer.json()).status !== shown) location.reload();
  } catch (error) { /* the sandbox has stopped; the page stays as it is */ }
}, 1500);
addEventListener("keydown", (event) => {
  const buttons = [...document.querySelectorAll("button")];
  const button = buttons.find((item) => item.dataset.key === event.key);
  if (button && !event.ctrlKey && !event.metaKey && !event.altKey) button.click();
});
"""
_RIGHT = ' class="number"'
_MONEY_COLUMN = 2
_ACTIONS = ("success", "declined", "cancelled")


def answer(bank: Bank, request: Request) -> Answer:
    """Answer the page: GET shows it, POST with an action plays the customer."""
    reference = request.query.get("reference", "")
    made = bank.find(reference)
    if made is None or not made.gives_back:
        words = words_of("eng")
        return Answer.html(_page(words, f"<h1>{words.unknown}</h1>", status=""), status=404)
    if request.method == "POST":
        return _press(bank, made, request.query.get("action", ""))
    if request.method != "GET":
        return Answer.html("<h1>405</h1>", status=405)
    if is_refresh(request):
        return Answer.json({"status": made.status})
    bank.open_page(reference)
    return Answer.html(_terminal(made))


def is_refresh(request: Request) -> bool:
    """Whether it is an open page that asks for news by itself; nobody did anything."""
    return request.path == PATH and "application/json" in request.headers.get("accept", "")


def play(bank: Bank, made: Transaction, action: str) -> None:
    """Play the customer of a refund: `success`, `declined` or `cancelled`.

    Where it has ended meanwhile, nothing happens.
    """
    if made.status != "pending":
        return
    if action == "success":
        bank.present_card(made.reference)
    else:
        code = "cancelled" if action == "cancelled" else "card_refused"
        bank.act(made.reference, "failed", code)


def _press(bank: Bank, made: Transaction, action: str) -> Answer:
    if action not in _ACTIONS:
        return Answer.html("<h1>400</h1>", status=400)
    play(bank, made, action)
    # A redirect, so that reloading the page does not press the button again.
    where = f"{PATH}?reference={quote(made.reference, safe='')}"
    return Answer(status=303, headers=(("Location", where),))


def _terminal(made: Transaction) -> str:
    words = words_of(language_of(made))
    amount = f"{made.currency.upper()} {as_text(made.amount)}"
    body = f"""
<h1>{words.title}</h1>
<p class="amount">{escape(amount)}</p>
<dl>
<dt>{words.reference}</dt><dd>{escape(made.reference)}</dd>
<dt>{words.terminal}</dt><dd>{escape(str(made.details.get("terminalId", "-")))}</dd>
<dt>{words.status}</dt><dd role="status">{escape(made.status)}</dd>
</dl>
{_buttons(words, made) if made.status == "pending" else _result(words, made)}"""
    return _page(words, body, status=made.status)


def _buttons(words: Words, made: Transaction) -> str:
    where = f"{PATH}?reference={quote(made.reference, safe='')}&action="
    labels = ((words.present, ""), (words.decline, "stop"), (words.cancel, "dim"))
    buttons = "".join(
        f'<button class="{style}" data-key="{number}" formaction="{escape(where + action)}"'
        f"{' autofocus' if number == 1 else ''}>{label} <kbd>{number}</kbd></button>"
        for number, (action, (label, style)) in enumerate(
            zip(_ACTIONS, labels, strict=True), start=1
        )
    )
    return (
        f'<p>{words.ask}</p><form method="post">{buttons}</form><p class="note">{words.leave}</p>'
    )


def _result(words: Words, made: Transaction) -> str:
    text = {"success": words.done, "failed": words.failed}.get(made.status, words.review)
    back = ""
    scheme = urlsplit(made.return_url or "").scheme.lower()
    if made.return_url and scheme not in _UNSAFE_SCHEMES:
        back = f'<p><a href="{escape(made.return_url)}" autofocus>{words.back}</a></p>'
    return f'<p class="result">{text}</p>{back}'


def _page(words: Words, body: str, *, status: str, wide: bool = False) -> str:
    refresh = '<noscript><meta http-equiv="refresh" content="5"></noscript>' if status else ""
    script = f"<script>{_SCRIPT}</script>" if status else ""
    return f"""<!doctype html>
<html lang="{words.html}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{words.title}</title>{refresh}
<style>{_STYLE}</style>
</head>
<body data-status="{escape(status)}">
<main class="{"wide" if wide else ""}">
<div class="test">SANDBOX &middot; TEST</div>{body}
</main>{script}
</body>
</html>
"""


def index(bank: Bank) -> str:
    """The sandbox's own page: the sample payments and every refund."""
    samples = [
        [
            item.reference,
            item.order or "",
            _money(item),
            item.method,
            f"{item.type}, {item.status}",
            item.shows,
        ]
        for item in bank.all()
        if item.shows
    ]
    refunds = [
        [
            _way_to(item),
            item.original or "",
            _money(item),
            item.method,
            item.failure_code or item.status,
            item.description or "",
        ]
        for item in bank.refunds()
    ]
    head = ["Reference", "Order", "Amount", "Method", "Kind", "What it shows"]
    head_refunds = ["Reference", "Payment", "Amount", "Method", "Status", "Description"]
    body = (
        "<h1>The pretend CCV</h1>"
        '<p class="note">Practice only: no money moves. Newest first.'
        " A refund that waits is a link to its page.</p>"
        f"<h2>Refunds</h2>{_table(head_refunds, refunds)}"
        f"<h2>Sample payments</h2>{_table(head, samples)}"
    )
    return _page(words_of("eng"), body, status="", wide=True).replace(
        f"<title>{words_of('eng').title}</title>", "<title>The pretend CCV</title>"
    )


def _way_to(item: Transaction) -> Markup:
    """The reference; of a pending refund a link to its page, a SoftPOS one's too."""
    reference = escape(item.reference)
    if item.status != "pending":
        return Markup(reference)
    where = f"{PATH}?reference={quote(item.reference, safe='')}"
    return Markup(f'<a href="{escape(where)}">{reference}</a>')


def _money(item: Transaction) -> str:
    return f"{item.currency.upper()} {as_text(item.amount)}"


def _safe(cell: str) -> str:
    return cell if isinstance(cell, Markup) else escape(cell)


def _table(head: list[str], rows: list[list[str]]) -> str:
    titles = "".join(f'<th scope="col">{title}</th>' for title in head)
    lines = "".join(
        "<tr>"
        + "".join(
            f"<td{_RIGHT if place == _MONEY_COLUMN else ''}>{_safe(cell)}</td>"
            for place, cell in enumerate(row)
        )
        + "</tr>"
        for row in reversed(rows)
    )
    return f'<div class="scroll"><table><tr>{titles}</tr>{lines}</table></div>'
