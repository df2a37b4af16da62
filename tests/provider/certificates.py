"""A throw-away certificate authority, made by the `openssl` program."""

import shutil
import ssl
import subprocess

OPENSSL = shutil.which("openssl")


def openssl(folder, *arguments):
    subprocess.run([OPENSSL, *arguments], cwd=folder, check=True, capture_output=True)


def make_authority(folder, name="ca"):
    openssl(
        folder,
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2", "-subj", f"/CN={name}"),
    )
    return folder / f"{name}.pem"


def make_certificate(folder, name, *, names="IP:127.0.0.1", ends=None, authority="ca"):
    """A certificate for `names`; `ends` is an openssl date, in the past if wanted."""
    openssl(
        folder,
        *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}"),
    )
    (folder / "index.txt").write_text("")
    (folder / "index.txt.attr").write_text("unique_subject = no\n")
    (folder / f"{name}.cnf").write_text(
        "[ca]\ndefault_ca = it\n[it]\ndatabase = index.txt\nnew_certs_dir = .\nrand_serial = yes\n"
        "default_md = sha256\npolicy = any\nx509_extensions = server\n[any]\nCN = supplied\n"
        f"[server]\nsubjectAltName = {names}\n"
    )
    openssl(
        folder,
        *("ca", "-batch", "-config", f"{name}.cnf", "-cert", f"{authority}.pem"),
        *("-keyfile", f"{authority}.key", "-in", f"{name}.csr", "-out", f"{name}.pem", "-notext"),
        *("-startdate", "20200101000000Z", "-enddate", ends or "20491231000000Z"),
    )


def server_context(folder, name, *, newest=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    if newest is not None:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = newest
    return context
