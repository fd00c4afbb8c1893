/** One question and its answer: a row of the table. */
export interface Check {
  grant: string;
  /** `documents`: decided by the engine on the documents as read back; `calls`: tried. */
  by: 'documents' | 'calls';
  /** Who: the principal of the source, or the session that it gets. */
  as: string;
  /** `GetObject s3://acme-reports/reports/...` */
  call: string;
  expected: 'allowed' | 'denied';
  /** `depends` where what nobody could read may deny it. */
  actual: 'allowed' | 'denied' | 'depends' | 'failed';
  ok: boolean;
  /** Why, where it is not as expected or not certain. */
  detail?: string;
}
