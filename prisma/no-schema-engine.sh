#!/bin/sh
echo "Latchkey makes migrations with 'npm run migration' and applies them at start; Prisma's schema engine is not used." >&2
exit 1
