"""Every verb of the workflow by its name, for tests that go through all of them."""

from applications.workflow import admission, balloting, closing, joining

VERBS = {
    verb.__name__: verb
    for verb in (
        joining.submit,
        joining.request_information,
        joining.resubmit,
        joining.withdraw,
        balloting.open_voting,
        balloting.cast_vote,
        balloting.recuse,
        balloting.record_vote,
        balloting.object_to_vote,
        balloting.remind_voters,
        balloting.extend_voting,
        balloting.reopen_voting,
        balloting.close_voting,
        admission.admit,
        closing.reject,
    )
}
