import "./styles.css";
import "./nonce";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queries } from "./api/queries";
import { startTheme } from "./frame/theme";
import { router } from "./router";
import { Toasts } from "./ui/toast";
import { startWords } from "./words";

// A part of the page that is not there any more: the server has a newer build.
window.addEventListener("vite:preloadError", (event) => {
  const tried = Number(sessionStorage.getItem("chatloom.reloaded") ?? 0);
  if (Date.now() - tried < 10_000) return;
  sessionStorage.setItem("chatloom.reloaded", String(Date.now()));
  event.preventDefault();
  location.reload();
});

startTheme();
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
await startWords();
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>
  </StrictMode>,
);
