import type { ReactNode } from "react";
import { useTitle } from "../../frame/title";
import { LanguageMenu, ThemeMenu } from "../../frame/top";
import { Unkept } from "../../frame/unkept";

/** A page for who is not signed in: one small sheet in the middle. */
export function Sheet({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  useTitle(title);
  return (
    <div className="flex min-h-dvh flex-col bg-rail">
      <header className="flex items-center justify-end gap-1 p-3">
        <LanguageMenu />
        <ThemeMenu />
      </header>
      <Unkept />
      <main className="mx-auto w-full max-w-sm flex-1 px-4 pt-[4vh] pb-12">
        <div className="mb-6 flex items-center gap-2.5">
          <img src="/icon.svg" alt="" className="size-8" />
          <span className="font-semibold text-lg">Chatloom</span>
        </div>
        <div className="space-y-5 rounded-xl border bg-card p-5 shadow-xs">
          <div className="space-y-1">
            <h1 className="font-semibold text-lg">{title}</h1>
            {lead && <p className="text-muted-foreground">{lead}</p>}
          </div>
          {children}
        </div>
      </main>
    </div>
  );
}
