/** Latchkey's mark. */
export function Logo({ className }: { className: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={className}>
      <rect width="32" height="32" rx="8" fill="#2f4fd0" />
      <circle cx="12.5" cy="13" r="4.5" fill="none" stroke="#fff" strokeWidth="2.6" />
      <path
        d="M15.8 16.2 24 24.4M20.4 20.8l2.6-2.6"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
      />
    </svg>
  );
}
