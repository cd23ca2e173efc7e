// Runs before the first paint, so that the page never flashes in the wrong theme.
try {
  const { theme, density } = JSON.parse(localStorage.getItem('toolmarket:appearance') ?? '{}')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
  if (density === 'compact') document.documentElement.dataset.density = 'compact'
} catch {
  // No storage: the system's theme is used.
}
