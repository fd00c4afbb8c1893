import { AccessError } from '../errors.ts';
import type { TreeSummary } from './tree/transfer-tree.ts';

/** Some objects failed, and the others did not. */
export class TransferIncompleteError extends AccessError {
  override readonly name = 'TransferIncompleteError';
  readonly summary: TreeSummary;
  /** The first of them. */
  readonly errors: readonly Error[];

  constructor(summary: TreeSummary, errors: readonly Error[]) {
    const { failed, transferred } = summary;
    super(
      'transfer-incomplete',
      `${failed} failed, ${transferred} arrived; the first failure: ${errors[0]?.message}`,
      'mend the cause and run it again: what has arrived is left alone',
      { cause: errors[0] },
    );
    this.summary = summary;
    this.errors = errors;
  }
}
