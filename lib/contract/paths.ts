/** Reads one path segment as pages get it, still encoded; undefined where it is not valid percent-encoding. */
export function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** What an invitation's link opens. */
export function invitePath(token: string): string {
  return `/invite?token=${encodeURIComponent(token)}`;
}

export function repositoriesPath(organization: string): string {
  return `/${organization}/repos`;
}

export function repositoryPath(organization: string, name: string): string {
  return `${repositoriesPath(organization)}/${encodeURIComponent(name)}`;
}

export function credentialPath(organization: string, name: string): string {
  return `${repositoryPath(organization, name)}/settings/credential`;
}

/** Where the repository's page hears how far a pull is that was asked for then (milliseconds since 1970). */
export function pullProgressPath(organization: string, name: string, asked: number | undefined): string {
  const query = asked === undefined ? "" : `?asked=${asked}`;
  return `/api/progress/${organization}/${encodeURIComponent(name)}${query}`;
}

export function rotationPath(organization: string, id: string): string {
  return `/${organization}/rotations/${id}`;
}

/** Where lines are pasted or a file is chosen. */
export function newImportPath(organization: string): string {
  return `/${organization}/import`;
}

export function importPath(organization: string, id: string): string {
  return `${newImportPath(organization)}/${id}`;
}

/** What answers with the list of repositories as a file. */
export function repositoriesExportPath(organization: string): string {
  return `/${organization}/export`;
}

export function newRepositoryPath(organization: string): string {
  return `${repositoriesPath(organization)}/new`;
}

export function repositorySettingsPath(organization: string, name: string): string {
  return `${repositoryPath(organization, name)}/settings`;
}

export function signingKeysPath(organization: string): string {
  return `/${organization}/settings/signing-keys`;
}

export function checkTokenPath(organization: string): string {
  return `${signingKeysPath(organization)}/check`;
}

export function membersPath(organization: string): string {
  return `/${organization}/settings/members`;
}

export function organizationPath(organization: string): string {
  return `/${organization}/settings/organization`;
}

export function auditPath(organization: string): string {
  return `/${organization}/settings/audit`;
}

/** The page of one's own second factor; with the organization that asks for one. */
export function secondFactorPath(askedBy?: string): string {
  return askedBy === undefined ? "/account/second-factor" : `/account/second-factor?for=${encodeURIComponent(askedBy)}`;
}

export function attentionPath(organization: string): string {
  return `/${organization}/attention`;
}

export function noticesPath(organization: string): string {
  return `/${organization}/settings/notices`;
}

export function webhooksPath(organization: string): string {
  return `/${organization}/settings/webhooks`;
}

export function webhookPath(organization: string, id: string): string {
  return `${webhooksPath(organization)}/${id}`;
}
