"""The line to CCV: proxy, answer, clock, certificate."""

from collections.abc import Mapping

from posrefund.cli.examinations.findings import Case, Finding, Verdict, refused, skipped
from posrefund.cli.exits import ExitCode, code_of_error
from posrefund.errors import ConfigWrong, NoInformation, PosrefundError
from posrefund.language import _
from posrefund.speech import said

MOST_SKEW_SECONDS = 60
_CONNECT_SECONDS = 5.0


def proxy(case: Case) -> list[Finding]:
    """Whether the way to CCV leads through a proxy."""
    if case.settings is None:
        return [skipped(_("there is no usable configuration"))]
    used = case.settings.provider.proxy
    if used is not None:
        return [Finding(Verdict.OK, _("through {url}").format(url=used), facts={"proxy": used})]
    # NO_PROXY names exceptions, and no proxy.
    unused = [name for name in case.session.removed if name.upper() != "NO_PROXY"]
    unused = [name for name in unused if name.upper().endswith("_PROXY")]
    if not unused:
        return [Finding(Verdict.OK, _("none"))]
    says = _("none; {names} of the environment is not used").format(names=", ".join(unused))
    if case.settings.provider.is_on_loopback:
        return [Finding(Verdict.OK, says)]
    step = _("if CCV is reached only through a proxy, set provider.proxy")
    return [Finding(Verdict.LOOK, says, do=step)]


def ccv(case: Case) -> list[Finding]:
    """Whether CCV answers and takes the key: one question about what does not exist."""
    if case.is_offline:
        return [skipped(_("not asked, because of --offline"))]
    if case.settings is None or case.key is None:
        return [skipped(_("not asked: there is no usable API key"))]
    from posrefund.provider.probe import probe

    asked = case.settings.provider
    try:
        case.probe = probe(
            base_url=asked.base_url,
            key=case.key,
            now=case.session.clock().now,
            proxy=asked.proxy,
            ca_file=asked.ca_file,
        )
    except ConfigWrong as error:
        return [refused(error, ExitCode.CONFIG)]
    except NoInformation as error:
        return [
            Finding(
                Verdict.WRONG,
                _("{url} is not reached: {reason}").format(url=asked.base_url, reason=said(error)),
                do=_("check the connection, the address and the proxy"),
                code=ExitCode.NOT_SENT,
            )
        ]
    facts = {"milliseconds": round(case.probe.seconds * 1000)}
    if case.probe.refusal is not None:
        return [_refused(case.probe.refusal, facts)]
    says = _("answers in {milliseconds} ms and takes the API key").format(**facts)
    return [Finding(Verdict.OK, says, facts=facts)]


def _refused(refusal: PosrefundError, facts: Mapping[str, object]) -> Finding:
    is_key = isinstance(refusal, ConfigWrong)
    step = _("run posrefund key set") if is_key else _("check provider.base_url, then try later")
    return Finding(
        Verdict.WRONG, said(refusal), do=step, code=code_of_error(refusal), facts=dict(facts)
    )


def clock(case: Case) -> list[Finding]:
    """Whether our clock and the server's agree."""
    if case.probe is None:
        return [skipped(_("the server was not asked, or did not answer"))]
    ahead = case.probe.ahead_seconds
    if ahead is None:
        return [skipped(_("the server did not tell its time"))]
    facts = {"ahead_seconds": round(ahead, 1)}
    if abs(ahead) <= MOST_SKEW_SECONDS:
        return [Finding(Verdict.OK, _("agrees with the server's"), facts=facts)]
    how = _("{seconds} s ahead of the server's") if ahead > 0 else _("{seconds} s behind it")
    says = how.format(seconds=round(abs(ahead)))
    return [Finding(Verdict.LOOK, says, do=_("set the clock of this machine"), facts=facts)]


def tls(case: Case) -> list[Finding]:
    """Who vouches for the server."""
    if case.settings is None or case.probe is None:
        return [skipped(_("the server was not asked, or did not answer"))]
    asked = case.settings.provider
    if not asked.base_url.startswith("https://"):
        return [Finding(Verdict.OK, _("none is needed: nothing leaves this machine"))]
    from posrefund.provider.probe import certificate_issuer

    issuer = None
    if asked.proxy is None:
        issuer = certificate_issuer(asked.base_url, ca_file=asked.ca_file, seconds=_CONNECT_SECONDS)
    facts = {"issuer": issuer}
    if issuer is None:
        return [Finding(Verdict.OK, _("the certificate is accepted"), facts=facts)]
    says = _("the certificate is accepted; {issuer} issued it").format(issuer=issuer)
    return [Finding(Verdict.OK, says, facts=facts)]
