"""The Nexudus CRM dialect, every /api path that is not another face's."""
