/** A value of an answer. Times are ISO 8601, whole numbers are numbers. */
export type Value = string | number | boolean | null;
export type AnswerRow = Record<string, Value>;

export interface Answer {
  columns: string[];
  rows: AnswerRow[];
}

/** Runs SQL over the table `events`, with a parameter for each `?`. */
export interface Engine {
  /** @param options With `remember`, the answer follows from the records alone and may be kept. */
  ask(sql: string, parameters?: readonly Value[], options?: { remember?: boolean }): Promise<Answer>;
  close(): Promise<void>;
}
