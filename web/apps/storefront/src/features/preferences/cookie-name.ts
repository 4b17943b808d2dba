export const PREFERENCES_COOKIE = 'stoa_prefs'
