/** The Todo interop of the AuthZEN working group as a domain: who has which role is what the directory says. */
export const todoSchema = `
entity user = { id: String, roles: Set<String> };
// Todos are the application's own: it says whose they are, and Ambit keeps none.
@told
entity todo = { @told ownerID?: String };

action can_read_user appliesTo { principal: user, resource: user };
action can_read_todos, can_create_todo, can_update_todo, can_delete_todo appliesTo { principal: user, resource: todo };
`;

export const todoRules = `
@id("viewers-read")
permit (principal is user, action in [Action::"can_read_user", Action::"can_read_todos"], resource)
when { principal.roles.containsAny(["viewer", "editor", "admin", "evil_genius"]) };

@id("editors-create")
permit (principal is user, action == Action::"can_create_todo", resource)
when { principal.roles.containsAny(["editor", "admin", "evil_genius"]) };

@id("editors-change-their-own")
permit (principal is user, action in [Action::"can_update_todo", Action::"can_delete_todo"], resource)
when { principal.roles.contains("editor") && resource has ownerID && resource.ownerID == principal.id };

@id("admins-delete")
permit (principal is user, action == Action::"can_delete_todo", resource)
when { principal.roles.contains("admin") };

@id("evil-geniuses-update")
permit (principal is user, action == Action::"can_update_todo", resource)
when { principal.roles.contains("evil_genius") };
`;

type Directory = {
  readonly users: Readonly<Record<string, { readonly id: string; readonly roles: readonly string[] }>>;
};

/** The directory of the interop as Cedar's list of entities. */
export const todoEntities = ({ users }: Directory): string =>
  JSON.stringify(Object.entries(users).map(([id, attrs]) => ({ uid: { type: 'user', id }, attrs, parents: [] })));
