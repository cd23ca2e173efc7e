import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ProblemError } from '~/app/problem'
import { createAppRouter } from '~/routes/router'
import '~/design/index.css'

/** A refusal stays a refusal; only what did not get through is asked again. */
const retry = (failures: number, error: Error): boolean => {
  const status = error instanceof ProblemError ? error.document.status : 500
  return failures < 2 && (status === 0 || status >= 500)
}

const cache = new QueryClient({ defaultOptions: { queries: { retry, staleTime: 5_000 }, mutations: { retry: false } } })
const router = createAppRouter(cache)
const root = document.getElementById('root')
if (!root) throw new Error('index.html has no root element')

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={cache}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
