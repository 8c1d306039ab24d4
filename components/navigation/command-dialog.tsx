"use client";

import { Command } from "cmdk";
import { FolderGit2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { newRepositoryPath, repositoryPath } from "@/lib/contract/paths";
import type { CommandMenuProps } from "./command-menu";
import { places } from "./places";

/** Finds repositories and pages by typing. The browser's own modal dialog keeps focus and gives it back. */
export function CommandDialog({ organization, admin, search, onClose }: CommandMenuProps & { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const [found, setFound] = useState<string[]>();
  const [selected, setSelected] = useState("");

  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    let wanted = true;
    void search(typed).then((names) => {
      if (!wanted) return;
      setFound(names);
      if (names[0]) setSelected(`repository ${names[0]}`);
    });
    return () => {
      wanted = false;
    };
  }, [search, typed]);

  function go(href: string) {
    dialog.current?.close();
    router.push(href);
  }

  const pages = [
    ...places(organization, { admin }),
    { label: "New repository", href: newRepositoryPath(organization), icon: FolderGit2 },
    { label: "Account", href: "/account", icon: FolderGit2 },
  ].filter(({ label }) => label.toLowerCase().includes(typed.trim().toLowerCase()));
  const item = "flex min-h-9 cursor-pointer items-center gap-2.5 rounded px-2.5 text-sm data-[selected=true]:bg-sunken";
  const heading =
    "[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted";

  return (
    <dialog
      ref={dialog}
      onClose={onClose}
      aria-label="Find"
      className="mx-auto mt-[12vh] w-[min(34rem,92vw)] rounded-lg border border-border bg-raised p-0 text-text shadow-xl"
    >
      <Command
        label="Find repositories and pages"
        value={selected}
        onValueChange={setSelected}
        shouldFilter={false}
        loop
      >
        <Command.Input
          value={typed}
          onValueChange={setTyped}
          placeholder="Find a repository or a page"
          className="w-full border-b border-border bg-transparent px-4 py-3 text-sm outline-none placeholder:text-muted"
        />
        <Command.List className="max-h-80 overflow-y-auto p-1.5">
          <Command.Empty className="px-2.5 py-6 text-center text-sm text-muted">
            {found ? "Nothing is called like this." : "Looking…"}
          </Command.Empty>
          {found && found.length > 0 && (
            <Command.Group heading="Repositories" className={heading}>
              {found.map((name) => (
                <Command.Item
                  key={name}
                  value={`repository ${name}`}
                  onSelect={() => go(repositoryPath(organization, name))}
                  className={item}
                >
                  <FolderGit2 aria-hidden className="size-4 text-muted" />
                  <span className="font-mono text-[0.8125rem]">{name}</span>
                </Command.Item>
              ))}
            </Command.Group>
          )}
          {pages.length > 0 && (
            <Command.Group heading="Pages" className={heading}>
              {pages.map(({ label, href, icon: Icon }) => (
                <Command.Item key={href} value={`page ${label}`} onSelect={() => go(href)} className={item}>
                  <Icon aria-hidden className="size-4 text-muted" />
                  {label}
                </Command.Item>
              ))}
            </Command.Group>
          )}
        </Command.List>
      </Command>
    </dialog>
  );
}
