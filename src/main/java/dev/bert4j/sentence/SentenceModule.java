package dev.bert4j.sentence;

/** What follows pooling. */
interface SentenceModule {
    /** The vector of a text, changed. */
    float[] apply(float[] vector);

    /** How many values come out of how many that go in. */
    int features(int in);
}
