import { HomePage } from '~/features/home/home-page'
import { LatestRuns } from '~/features/runtime/latest-runs'

export function Home() {
  return <HomePage latestRuns={<LatestRuns />} />
}
