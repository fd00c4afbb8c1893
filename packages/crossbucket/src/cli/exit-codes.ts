/** What a command's end means to a script. */
export const EXIT = {
  done: 0,
  /** The answer is no: denied, drift, findings, a plan with changes. */
  no: 1,
  /** Usage or input. */
  usage: 2,
  /** AWS, the network or the machine. */
  outside: 3,
  /** Some objects or steps failed. */
  partly: 4,
  /** By Ctrl-C, as shells know it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
