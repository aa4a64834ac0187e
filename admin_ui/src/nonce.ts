/** The nonce of this answer: styles that are made while the page runs must bear it (admin_api/ui.py). */
import { setNonce } from "get-nonce";

export const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";

setNonce(nonce); // Radix's lock of the page's scrolling asks for it there
