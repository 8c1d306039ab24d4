"use server";

import { z } from "zod";
import { requestChainCheck } from "@/lib/domain/audit/request-chain-check";
import { memberAction } from "@/lib/platform/session/member-action";

export const checkNow = memberAction({ permission: "audit:read", input: z.object({}), run: requestChainCheck });
