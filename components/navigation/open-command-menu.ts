const OPEN = "latchkey:find";

/** Asks the menu, wherever it stands on the page, to open. */
export function openCommandMenu(): void {
  window.dispatchEvent(new Event(OPEN));
}

/** Calls back when somebody asks for the menu, by the event or by ⌘K or Ctrl K. Returns what ends it. */
export function onCommandMenu(open: () => void): () => void {
  const key = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    open();
  };
  window.addEventListener(OPEN, open);
  window.addEventListener("keydown", key);
  return () => {
    window.removeEventListener(OPEN, open);
    window.removeEventListener("keydown", key);
  };
}
