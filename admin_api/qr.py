"""QR codes as pictures."""

import io


def svg(payload: str) -> str:
    """The code as SVG, dark on white with its quiet zone, as wide as it is let be; nothing for an empty payload."""
    if not payload:
        return ""
    import segno  # only where somebody links a phone or an authenticator app

    drawn = io.BytesIO()
    segno.make(payload, error="l", micro=False).save(
        drawn, kind="svg", xmldecl=False, omitsize=True, light="#fff", nl=False
    )
    return drawn.getvalue().decode()
