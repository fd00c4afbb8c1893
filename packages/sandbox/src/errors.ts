/** What keeps the sandbox from starting or going on. `help` says what to do. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly code: SandboxErrorCode;
  readonly help: string;

  constructor(code: SandboxErrorCode, message: string, help: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.help = help;
  }
}

export type SandboxErrorCode =
  | 'InvalidConfig'
  | 'InvalidState'
  | 'StateTooLarge'
  | 'InvalidAccountId'
  | 'NoSuchUser'
  | 'NotStarted'
  | 'PortInUse'
  | 'PortNotAllowed'
  | 'DataFolderNotWritable'
  | 'DataFolderInUse'
  | 'DataFolderFormat'
  | 'DataFolderDamaged'
  | 'DiskFull'
  | 'StorageFailed';
