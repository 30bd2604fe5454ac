//! Roles as types.

use crate::domain::role::Role;

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
