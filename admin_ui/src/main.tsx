import "./styles.css";
import "./nonce";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import i18next from "i18next";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queries } from "./api/queries";
import { settled } from "./api/session";
import { watchParts } from "./frame/parts";
import { startTheme } from "./frame/theme";
import { router } from "./router";
import { Toasts } from "./ui/toast";
import { startValidity } from "./ui/validity";
import { startWords } from "./words";

watchParts();
startTheme();
startValidity();
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
// What the first page needs comes side by side: who is signed in, its code, and its words.
void settled().catch(() => undefined); // the route asks again, and says what is wrong
for (const route of router.getMatchedRoutes(location.pathname)[0])
  void router.loadRouteChunk(route)?.catch(() => undefined); // likewise
const shown = router.subscribe("onRendered", () => {
  document.getElementById("splash")?.remove();
  shown();
});
await startWords();
i18next.on("languageChanged", () => queries.invalidateQueries()); // what the server says comes in the language, too
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>
  </StrictMode>,
);
