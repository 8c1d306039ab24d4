"use client";

import dynamic from "next/dynamic";
import { useEffect, useState } from "react";
import { onCommandMenu } from "./open-command-menu";

export interface CommandMenuProps {
  organization: string;
  admin: boolean;
  search: (typed: string) => Promise<string[]>;
}

const CommandDialog = dynamic(() => import("./command-dialog").then((module) => module.CommandDialog), { ssr: false });

/** ⌘K or Ctrl K. What it needs is fetched when it is first asked for. */
export function CommandMenu(props: CommandMenuProps) {
  const [open, setOpen] = useState(false);
  useEffect(() => onCommandMenu(() => setOpen(true)), []);
  return open ? <CommandDialog {...props} onClose={() => setOpen(false)} /> : null;
}
