package io.github.pgmanaged.peers;

/** What scenarios are about: the question that each of them asks. */
public enum Subject {
    LEFT_OPEN("Unfinished or failed work: rolled back, with an exception?"),
    AFTER_CLOSE("Handles kept after close(): dead?"),
    LEFT_BEHIND("State left in the session: gone for the next borrower?"),
    FAULTS("Faults: does the next borrower work, and no thread hang?"),
    HOLDERS("Holding and waiting: one at a time, and no thread for ever?"),
    ERRORS("Harmless errors: is the session kept?"),
    SECRETS("The password: absent from every text?");

    private final String question;

    Subject(String question) {
        this.question = question;
    }

    /**
     * In plain words.
     *
     * @return the question
     */
    public String question() {
        return question;
    }
}
