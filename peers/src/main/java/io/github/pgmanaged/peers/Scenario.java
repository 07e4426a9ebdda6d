package io.github.pgmanaged.peers;

/**
 * Something that callers do or that happens to them. It is the same for every peer, and observes; it does not judge.
 */
public abstract class Scenario {
    private final Subject subject;
    private final String title;
    private final String story;

    /**
     * A scenario.
     *
     * @param subject what it is about
     * @param title what is special, in a few words: the subject asks the question
     * @param story what is done and what is looked at, in a sentence or two
     */
    protected Scenario(Subject subject, String title, String story) {
        this.subject = subject;
        this.title = title;
        this.story = story;
    }

    /**
     * Plays it.
     *
     * @param stage the peer's pool and the server, for this scenario alone
     * @return what was seen
     * @throws Exception if something happens that the scenario does not know
     */
    public abstract Observation observe(Stage stage) throws Exception;

    /**
     * Whether all sessions of the server suffer, so that nothing else may run beside it.
     *
     * @return false, but for few
     */
    public boolean needsServerForItself() {
        return false;
    }

    /**
     * What it is about.
     *
     * @return the subject
     */
    public final Subject subject() {
        return subject;
    }

    /**
     * What is special.
     *
     * @return a few words
     */
    public final String title() {
        return title;
    }

    /**
     * What is done and looked at.
     *
     * @return a sentence or two
     */
    public final String story() {
        return story;
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName();
    }
}
