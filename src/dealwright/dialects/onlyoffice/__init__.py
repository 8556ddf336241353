"""The ONLYOFFICE Workspace CRM dialect, /api/2.0."""
