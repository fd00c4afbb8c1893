/**
 * What every question stands on, as common table expressions over `events`. Only what DuckDB and Athena both understand, and
 * no recursion, which Athena does not have: a session is followed back over six links, more than an hour of chaining has use for.
 */

const LINKS = 6;

/** Sessions by the access key that they were given, and who asked for it. */
const ISSUED = `
issued AS (
  SELECT * FROM (
    SELECT issued_key, event_time AS issued_at, access_key_id AS by_key, event_name AS issued_by,
      target_role, target_session, coalesce(source_ip, '') AS from_ip,
      CASE
        WHEN caller_type = 'AWSService' THEN 'service'
        WHEN caller_type IN ('WebIdentityUser', 'SAMLUser') THEN 'federated'
        WHEN caller_type IN ('AssumedRole', 'FederatedUser') THEN 'session'
        ELSE 'account'
      END AS from_kind,
      CASE
        WHEN caller_type IN ('AWSService', 'WebIdentityUser', 'SAMLUser') THEN coalesce(split_part(target_role, ':', 5), '')
        ELSE coalesce(caller_account, '')
      END AS from_account,
      CASE
        WHEN caller_type IN ('AWSService', 'WebIdentityUser', 'SAMLUser') THEN coalesce(target_role, '')
        ELSE coalesce(issuer_arn, caller_arn, caller_id, '')
      END AS from_principal,
      CASE
        WHEN caller_type = 'AWSService' THEN coalesce(invoked_by, '')
        WHEN caller_type IN ('WebIdentityUser', 'SAMLUser') THEN concat(coalesce(identity_provider, ''), ' ', coalesce(caller_name, caller_id, ''))
        ELSE coalesce(caller_arn, caller_id, '')
      END AS from_name,
      row_number() OVER (PARTITION BY issued_key ORDER BY event_time, event_id) AS issue_number
    FROM events
    WHERE issued_key IS NOT NULL AND event_source = 'sts.amazonaws.com'
  ) AS numbered
  WHERE issue_number = 1
)`;

const numbers = Array.from({ length: LINKS - 1 }, (_, index) => index + 1);
const latest = (column: string): string =>
  `coalesce(${[...numbers.toReversed(), 0].map((link) => `s${link}.${column}`).join(', ')})`;

/** Each session with where it comes from in the end. */
const SESSIONS = `
sessions AS (
  SELECT s0.issued_key, s0.issued_at, s0.issued_by, s0.target_role, s0.target_session, s0.from_name,
    s0.from_account AS assumer_account, s0.from_principal AS assumer_principal,
    ${latest('from_account')} AS origin_account,
    ${latest('from_principal')} AS origin_principal,
    ${latest('from_name')} AS origin_name,
    ${latest('from_kind')} AS origin_kind,
    ${latest('from_ip')} AS origin_ip,
    1 ${numbers.map((link) => `+ CASE WHEN s${link}.issued_key IS NULL THEN 0 ELSE 1 END`).join(' ')} AS links,
    concat(s0.target_role${numbers.map((link) => `, CASE WHEN s${link}.issued_key IS NULL THEN '' ELSE concat(' <- ', s${link}.target_role) END`).join('')}) AS chain
  FROM issued s0
  ${numbers.map((link) => `LEFT JOIN issued s${link} ON s${link}.issued_key = s${link - 1}.by_key AND s${link}.issued_at <= s${link - 1}.issued_at`).join('\n  ')}
)`;

/** Who owns a bucket, where not every record says it. */
const OWNERS = `
owners AS (
  SELECT bucket AS owned_bucket, max(owner_account) AS known_owner FROM events
  WHERE bucket IS NOT NULL AND owner_account IS NOT NULL GROUP BY bucket
)`;

/** Each call to a bucket, with whom it comes from and by which route. */
const USES = `
uses AS (
  SELECT seen.*,
    CASE
      WHEN is_anonymous = 1 THEN 'anonymous'
      WHEN caller_type = 'AWSService' THEN 'service'
      WHEN caller_account IS NOT NULL AND caller_account <> owner THEN 'bucket-policy'
      WHEN origin_account IS NOT NULL AND origin_account <> owner THEN 'role'
      WHEN caller_type = 'AssumedRole' AND (origin_account IS NULL OR origin_kind = 'session') THEN 'unknown'
      ELSE 'own'
    END AS route,
    CASE
      WHEN is_anonymous = 1 THEN 'anonymous'
      WHEN caller_type = 'AWSService' THEN 'service'
      WHEN caller_account IS NOT NULL AND caller_account <> owner THEN caller_account
      WHEN origin_account IS NOT NULL AND origin_account <> owner THEN origin_account
      WHEN caller_type = 'AssumedRole' AND (origin_account IS NULL OR origin_kind = 'session') THEN 'unknown'
      ELSE owner
    END AS source_account,
    CASE
      WHEN is_anonymous = 1 THEN 'anonymous'
      WHEN caller_type = 'AWSService' THEN coalesce(invoked_by, 'service')
      WHEN caller_account IS NOT NULL AND caller_account <> owner THEN coalesce(issuer_arn, caller_arn, caller_id)
      WHEN origin_account IS NOT NULL THEN origin_principal
      ELSE coalesce(issuer_arn, caller_arn, caller_id)
    END AS principal
  FROM (
    SELECT call_id, event_id, event_time, event_name AS action, event_source, bucket, object_key, list_prefix, region,
      caller_type, caller_account, caller_arn, caller_id, issuer_arn, invoked_by, access_key_id, source_ip, user_agent,
      error_code, error_message, denied, bytes_in, bytes_out, request, vpc_endpoint_id, mfa,
      CASE WHEN caller_account IN ('ANONYMOUS_PRINCIPAL', 'anonymous') THEN 1 ELSE 0 END AS is_anonymous,
      coalesce(owner_account, known_owner, recipient_account, '') AS owner,
      issuer_arn AS role,
      CASE WHEN caller_type = 'AssumedRole' THEN coalesce(split_part(caller_id, ':', 2), '') END AS session_name,
      origin_account, origin_principal, origin_name, origin_kind, origin_ip, assumer_account, assumer_principal,
      CASE
        WHEN object_key IS NULL THEN coalesce(list_prefix, '')
        WHEN strpos(object_key, '/') > 0 THEN substr(object_key, 1, strpos(object_key, '/'))
        ELSE ''
      END AS prefix
    FROM events
    LEFT JOIN sessions ON sessions.issued_key = events.access_key_id
    LEFT JOIN owners ON owners.owned_bucket = events.bucket
    WHERE bucket IS NOT NULL AND event_source IN ('s3.amazonaws.com', 's3express.amazonaws.com')
      AND event_category <> 'NetworkActivity'
  ) AS seen
)`;

export const WITH_SESSIONS = `WITH${ISSUED},${SESSIONS}`;
export const WITH_USES = `WITH${ISSUED},${SESSIONS},${OWNERS},${USES}`;
