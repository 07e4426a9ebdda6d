package io.github.pgmanaged.peers;

/** What scenarios are about: the question that each of them asks. */
public enum Subject {
    LEFT_OPEN("Unfinished or failed work: rolled back, and its author told?"),
    AFTER_CLOSE("Kept after close: dead for the one who kept it?"),
    LEFT_BEHIND("Left in the session: gone for the next borrower?"),
    FAULTS("Faults: does the next borrower work, and nobody hang?"),
    HOLDERS("Holding and waiting: one at a time, and nobody for ever?"),
    ERRORS("Harmless errors: is the session kept?"),
    SECRETS("The password: not to be read anywhere?");

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
