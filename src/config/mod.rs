//! What was typed becomes what it means: flags > environment > file.
