"""TLS to the broker: what is believed, what is shown, and failures in plain words."""

import ssl
from datetime import datetime
from typing import NoReturn

from gateway.contract.errors import ContractError

# OpenSSL's verification results, x509_vfy.h.
_NOT_YET_VALID, _EXPIRED = 9, 10
_UNKNOWN_AUTHORITY = (2, 18, 19, 20, 21)
_OTHER_NAME = (62, 64)

# Alerts of RFC 8446, 6.2, with which a broker refuses what we showed.
_ALERTS = {
    "CERTIFICATE_REQUIRED": "wants a certificate from us; set broker.certificate_file and key_file",
    "UNKNOWN_CA": "does not know who signed broker.certificate_file; have it signed by its CA",
    "CERTIFICATE_EXPIRED": "says that broker.certificate_file has expired; renew it",
    "CERTIFICATE_REVOKED": "says that broker.certificate_file was revoked; get a new one",
    "BAD_CERTIFICATE": "refuses broker.certificate_file; see the broker's log",
    "CERTIFICATE_UNKNOWN": "refuses broker.certificate_file; see the broker's log",
    "PROTOCOL_VERSION": "speaks no TLS 1.2 or later; update it",
}


def tls_context(
    ca_file: str | None, certificate_file: str | None, key_file: str | None
) -> ssl.SSLContext:
    """A context that checks certificate and host name, with our own certificate if we have one.

    Raises ContractError("tls") naming key and file.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        wrong = f"{error.strerror}; put the certificate of the broker's authority there"
        if isinstance(error, ssl.SSLError):
            wrong = "no certificate in PEM in it; put that of the broker's authority there"
        raise ContractError("tls", f"broker.ca_file: {ca_file}: {wrong}") from None
    context.sslsocket_class = _Socket
    if certificate_file is not None:
        _show_certificate(context, certificate_file, key_file)
    return context


def explain(error: Exception, port: int) -> str:
    """What a failure that is no certificate's means when it is TLS's; "" for any other."""
    text = str(error)
    for alert, meaning in _ALERTS.items():
        if f"ALERT_{alert}]" in text:
            return f"it {meaning}"
    if isinstance(error, ssl.SSLError | ConnectionResetError) or "handshake" in text:
        return f"no TLS at port {port} ({text}); is it a port for mqtt://?"
    return ""


def explain_certificate(error: ssl.SSLCertVerificationError, host: str, now: datetime) -> str:
    """Why the broker's certificate is not believed, and what to do. now: this host's clock."""
    clock = f"this host's clock says {now:%Y-%m-%d %H:%M} UTC"
    why = f"{error.verify_message or 'not valid'}; see the broker's certificate"
    if error.verify_code in _UNKNOWN_AUTHORITY:
        why = (
            f"signed by an authority that is not known here ({error.verify_message});"
            " put that authority's certificate in broker.ca_file"
        )
    elif error.verify_code in _OTHER_NAME:
        why = f"for another name than {host}; connect by a name that it is made out for"
    elif error.verify_code == _EXPIRED:
        why = f"expired; renew it on the broker ({clock}; set it if that is wrong)"
    elif error.verify_code == _NOT_YET_VALID:
        why = f"not valid yet; set the clock, or wait ({clock})"
    return f"the broker's certificate is {why}"


class _Socket(ssl.SSLSocket):
    """Closes itself when the handshake fails: paho would leave it open."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def _show_certificate(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    try:
        context.load_cert_chain(certificate, key, password=_refuse_password)
    except ssl.SSLError as error:
        wrong = "no certificate and key in PEM"
        if error.reason == "KEY_VALUES_MISMATCH":
            wrong = "the key is not this certificate's"
        raise ContractError(
            "tls", f"broker.certificate_file: {certificate}, broker.key_file: {key}: {wrong}"
        ) from None
    except OSError as error:
        raise ContractError(
            "tls", f"broker.certificate_file: {certificate}: {error.strerror}"
        ) from None


def _refuse_password() -> NoReturn:
    # Otherwise OpenSSL would ask on the terminal.
    raise ContractError("tls", "broker.key_file: is encrypted; store it without a passphrase")
