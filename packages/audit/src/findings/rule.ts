import type { AnswerRow, Value } from '../engines/engine.ts';
import { parseObject } from '../replay/api-call.ts';

export type Severity = 'high' | 'medium' | 'low';

export interface RuleInfo {
  code: string;
  severity: Severity;
  title: string;
  /** What to do about it. */
  help: string;
}

/** What a rule makes of what it was given: a sentence, and a severity where it is not the rule's own. */
export type Judgement = { message: string; severity?: Severity } | undefined;

/** Looks at single calls that were made, by name. */
export interface EventRule extends RuleInfo {
  events: readonly string[];
  judge(event: AuditEvent): Judgement;
}

/** Looks at groups of calls: SQL over `uses` and `sessions`, and what to make of each row. */
export interface GroupRule extends RuleInfo {
  sql: string;
  judge(row: AnswerRow): Judgement;
}

/** A call of a record, with its request as data. */
export class AuditEvent {
  readonly row: AnswerRow;
  #request: Record<string, unknown> | undefined;

  constructor(row: AnswerRow) {
    this.row = row;
  }

  get name(): string {
    return String(this.row['event_name']);
  }

  /** The account whose resource it is. */
  get owner(): string {
    return this.text('owner_account') ?? this.text('recipient_account') ?? '';
  }

  get caller(): string {
    return this.text('caller_arn') ?? this.text('caller_id') ?? this.text('invoked_by') ?? 'somebody';
  }

  get resource(): string {
    return this.text('bucket') ?? this.text('resource_arn') ?? this.text('target_role') ?? '';
  }

  text(column: string): string | undefined {
    const value: Value | undefined = this.row[column];
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  get request(): Record<string, unknown> {
    this.#request ??= parseObject(this.text('request') ?? '');
    return this.#request;
  }
}
