"use client";

import { useEffect } from "react";

/** `/` goes to the search box, unless somebody is typing already. */
export function SearchShortcut({ target }: { target: string }) {
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.closest("input, textarea, select, dialog");
      if (event.key !== "/" || event.metaKey || event.ctrlKey || event.altKey || typing) return;
      event.preventDefault();
      document.getElementById(target)?.focus();
    };
    window.addEventListener("keydown", key);
    return () => window.removeEventListener("keydown", key);
  }, [target]);
  return null;
}
