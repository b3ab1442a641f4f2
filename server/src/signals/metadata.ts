import { delivery, endpoint } from './names.ts';

/** SSF 1.0 §7.1. `issuer` is exactly what this document is fetched under, and `iss` of every SET. */
export function transmitterMetadata({ url }: { readonly url: string }): object {
  return {
    spec_version: '1_0',
    issuer: url,
    jwks_uri: `${url}/.well-known/jwks.json`,
    delivery_methods_supported: [delivery.push, delivery.poll],
    configuration_endpoint: url + endpoint.streams,
    status_endpoint: url + endpoint.status,
    add_subject_endpoint: url + endpoint.addSubject,
    remove_subject_endpoint: url + endpoint.removeSubject,
    verification_endpoint: url + endpoint.verification,
    critical_subject_members: ['tenant'],
    authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6750' }],
    default_subjects: 'ALL',
  };
}
