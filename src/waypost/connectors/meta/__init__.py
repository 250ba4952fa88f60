"""Meta's providers: WhatsApp, Messenger and Instagram, all behind the Graph API."""
