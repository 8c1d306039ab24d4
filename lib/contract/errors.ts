/** The one table of refusals: what a named error is called on the wire, and its HTTP status. */
export const ERROR_STATUS = {
  invalid_request: 400,
  invalid_json: 400,
  no_upstream: 400,
  unauthenticated: 401,
  missing_scope: 403,
  forbidden: 403,
  wrong_repository: 403,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  conflict: 409,
  credential_exists: 409,
  repository_exists: 409,
  repository_deleted: 409,
  no_previous: 409,
  github_app_required: 412,
  version_mismatch: 412,
  body_too_large: 413,
  unsupported_media_type: 415,
  credential_refused: 422,
  throttled: 429,
  credential_unreadable: 500,
  internal: 500,
  busy: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;
