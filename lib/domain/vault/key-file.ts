/** The file that the master keys are read from. Each throws an Error for the operator where it cannot. */
export interface KeyFile {
  read(): string;
  /** Replaces it whole or not at all. */
  replace(text: string): void;
}
