import { Copyable } from "@/components/ui/copyable";
import { QrCode } from "./qr-code";
import { RecoveryCodes } from "./recovery-codes";

export interface NewSecondFactorProps {
  /** Base32, for typing into an app. */
  secret: string;
  /** `otpauth://…` */
  address: string;
  recoveryCodes: string[];
}

/** What goes into the app, and what stands in for it: shown this once. */
export function NewSecondFactor({ secret, address, recoveryCodes }: NewSecondFactorProps) {
  return (
    <div role="status" className="space-y-5 text-sm">
      <p>Scan this with an authenticator app. Where that does not work, type the key into it.</p>
      <QrCode text={address} label="QR code for an authenticator app" />
      <Copyable text={secret} what="the key" />
      <RecoveryCodes codes={recoveryCodes} />
    </div>
  );
}
