//! Roles, each including the ones before it.

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Read.
    Viewer,
    /// Write.
    Editor,
    /// Publish, start, pause, conclude.
    Publisher,
    /// Tokens, environments, deleting.
    Admin,
}

/// A role as a type, for [`super::Authorized`].
pub trait Required: Send + Sync {
    /// The least role that suffices.
    const ROLE: Role;
}

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Required for $name {
            const ROLE: Role = Role::$name;
        }
    )*};
}

roles! {
    /// Asks for [`Role::Viewer`].
    Viewer,
    /// Asks for [`Role::Editor`].
    Editor,
    /// Asks for [`Role::Publisher`].
    Publisher,
    /// Asks for [`Role::Admin`].
    Admin
}
