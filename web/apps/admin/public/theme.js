// Before the first paint: the chosen theme. A file of its own, because the page allows no script inside of it.
try {
  const theme = localStorage.getItem('stoa_office_theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Without storage the system decides.
}
