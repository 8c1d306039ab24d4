"use server";

import { noticeChoiceForm, sendTestMailForm } from "@/lib/contract/notices";
import { noticesPath } from "@/lib/contract/paths";
import { chooseNotices } from "@/lib/domain/notices/choose-notices";
import { sendTestMail } from "@/lib/domain/notices/send-test-mail";
import { memberAction } from "@/lib/platform/session/member-action";

export const chooseMyNotices = memberAction({
  permission: "notice:choose",
  input: noticeChoiceForm,
  run: chooseNotices,
});

export const sendMeATest = memberAction({
  permission: "notice:choose",
  input: sendTestMailForm,
  run: sendTestMail,
  redirectTo: (_, org) => `${noticesPath(org)}?done=asked`,
});
