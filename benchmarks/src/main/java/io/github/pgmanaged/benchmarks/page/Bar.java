package io.github.pgmanaged.benchmarks.page;

/**
 * What is to be reached, and what was.
 *
 * @param about the case
 * @param bar what is to be reached
 * @param reached what was
 * @param verdict whether it was
 * @param why what the figures say where it was not; empty otherwise
 */
record Bar(String about, String bar, String reached, Verdict verdict, String why) {
    enum Verdict {
        YES("yes"),
        NO("**no**"),
        /** Only told, or not measured. */
        NONE("–");

        private final String word;

        Verdict(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }

        static Verdict of(boolean reached) {
            return reached ? YES : NO;
        }
    }

    static Bar unmeasured(String about, String bar) {
        return new Bar(about, bar, "not measured", Verdict.NONE, "");
    }
}
