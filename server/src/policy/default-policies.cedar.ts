/**
 * The rules of an organisation that has not written its own. They assume that whatever asks them has checked the task's
 * authority first: the rules never widen it.
 */
export const defaultPolicies = `// What a task's authority covers is permitted, unless a rule below says otherwise.
@id("task-covers")
@reason("The call belongs to a task whose authority covers it.")
permit (
  principal is Agent,
  action,
  resource
)
when { context has task };

// Zones and environments do not cross: a test agent has no business in production.
@id("zones-do-not-cross")
@reason("The agent and the API are in different zones.")
forbid (
  principal is Agent,
  action,
  resource
)
when { principal.zone != resource.api.zone };

@id("environments-do-not-cross")
@reason("The agent and the API are in different environments.")
forbid (
  principal is Agent,
  action,
  resource
)
when { principal.environment != resource.api.environment };

// What cannot be undone asks a person, unless a person already said, in the task, from when on to ask.
@id("irreversible-asks")
@reason("This cannot be undone, and the task does not say when a person must agree.")
@ask("May it be done?")
forbid (
  principal,
  action,
  resource
)
when { context.reversibility == "irreversible" && !context.askCovered };

@id("opaque-is-denied")
@reason("The body of this call chooses what is done, so nobody can tell in advance. Map its operations first.")
forbid (
  principal,
  action,
  resource
)
when { context.opaque };

@id("no-new-credentials")
@reason("The answer to this call is a new credential, which an agent must not hold.")
forbid (
  principal,
  action,
  resource
)
when { context.mintsCredential };
`;
