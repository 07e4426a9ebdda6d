package io.github.pgmanaged.peers;

/** What an outcome is worth; each has a mark of its own, so that no reader needs to tell colours apart. */
public enum Verdict {
    /** As a caller may hope. */
    GOOD("●", "good"),
    /** Half of it. */
    MIXED("◐", "mixed"),
    /** A caller is let down. */
    BAD("✕", "bad");

    private final String mark;
    private final String word;

    Verdict(String mark, String word) {
        this.mark = mark;
        this.word = word;
    }

    /**
     * One character.
     *
     * @return the mark
     */
    public String mark() {
        return mark;
    }

    /**
     * In plain words.
     *
     * @return the word
     */
    public String word() {
        return word;
    }
}
