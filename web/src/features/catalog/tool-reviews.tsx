import { type FormEvent, useState } from 'react'
import { Loaded } from '~/app/page'
import { ProblemNote } from '~/app/problem-note'
import { useCan, useSession } from '~/app/session'
import { toast } from '~/app/toasts'
import type { Review } from '~/app/api-types'
import { Button } from '~/design/button'
import { Check, TextArea } from '~/design/field'
import { Icon } from '~/design/icons'
import { Card } from '~/design/parts'
import { Ago } from '~/design/time'
import { useReviews, useWriteReview } from './queries'

/** Whole stars of five, with the number in words. */
export function Stars({ value }: { readonly value: number }) {
  return (
    <span className="row stars">
      <span className="tone-warn" aria-hidden="true">
        {Array.from({ length: Math.round(value) }, (_, star) => (
          <Icon key={star} name="star" small />
        ))}
      </span>
      <span className="only-spoken">{value} of 5 stars</span>
    </span>
  )
}

interface ReviewFormProps {
  readonly name: string
  readonly mine: Review | undefined
  readonly onDone: () => void
}

function ReviewForm({ name, mine, onDone }: ReviewFormProps) {
  const [stars, setStars] = useState(mine?.stars ?? 5)
  const [text, setText] = useState(mine?.text ?? '')
  const review = useWriteReview(name)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    review.mutate(
      { stars, text },
      {
        onSuccess: () => {
          toast('Your review is written')
          onDone()
        },
      },
    )
  }
  return (
    <form className="stack" onSubmit={submit}>
      <ProblemNote error={review.error} title="The review was not written." />
      <fieldset>
        <legend className="field-label">Stars</legend>
        <div className="row row-wrap row-loose">
          {[1, 2, 3, 4, 5].map((each) => (
            <Check key={each} kind="radio" name="stars" label={each} checked={each === stars} onChange={() => setStars(each)} />
          ))}
        </div>
      </fieldset>
      <TextArea label="What others should know" optional rows={4} maxLength={4_000} value={text} onChange={(event) => setText(event.target.value)} />
      <div className="row">
        <Button kind="primary" type="submit" busy={review.isPending}>
          Write the review
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </form>
  )
}

/** What people say who ran the tool. */
export function ToolReviews({ name }: { readonly name: string }) {
  const reviews = useReviews(name)
  const { user } = useSession()
  const may = useCan()('reviews:write')
  const [writing, setWriting] = useState(false)
  const mine = reviews.data?.items.find((review) => review.author_id === user.id)
  return (
    <Card
      title="Reviews"
      count={<span className="hint">only from organisations that ran the tool</span>}
      actions={
        may &&
        !writing && (
          <Button size="small" icon="pen" onClick={() => setWriting(true)}>
            {mine ? 'Change your review' : 'Write a review'}
          </Button>
        )
      }
      padded
    >
      <Loaded query={reviews} failure="The reviews could not be read.">
        {({ items }) => (
          <div className="stack">
            {writing && <ReviewForm name={name} mine={mine} onDone={() => setWriting(false)} />}
            {items.length === 0 && !writing && <p className="hint">Nobody has written one yet.</p>}
            {items.map((review) => (
              <article key={review.id} className="stack stack-close">
                <div className="row">
                  <Stars value={review.stars} />
                  <span className="meta">
                    {review.author_id === user.id ? 'you' : 'a colleague'}, <Ago at={review.updated_at} />
                  </span>
                </div>
                {review.text && <p className="reading wrap-anywhere">{review.text}</p>}
              </article>
            ))}
          </div>
        )}
      </Loaded>
    </Card>
  )
}
