//! Patterns of sentences; `{}` is the subject.

pub(super) const TITLES: &[&str] = &[
    "What nobody tells you about {}",
    "I tried {} for a week: here is what changed",
    "{}: the five-minute version",
    "Why {} is harder than it looks",
    "The mistake everyone makes with {}",
    "How {} really works",
    "{}, but the easy way",
    "Is {} still worth it?",
    "Three things I wish I knew before {}",
    "From nothing to {} in one day",
    "The smallest change that fixed {}",
    "{}: myths against measurements",
    "Doing {} with half the effort",
    "What 100 tries at {} taught me",
    "A fresh look at {}",
    "The quiet trick behind {}",
    "{} without the usual fuss",
    "You are closer to {} than you think",
    "The first ten seconds of {}",
    "Rebuilding {} from scratch",
];

pub(super) const SENTENCES: &[&str] = &[
    "Most people meet {} from the wrong end, so we start with the part that pays off first.",
    "Here is the whole thing in one picture, and then the three steps that matter.",
    "When we looked at what viewers came back for, {} was there every time.",
    "It takes less than you think, and you can check the result yourself.",
    "Try it once with the simplest setup before you add anything else.",
    "The surprising bit is how much of {} you can leave out.",
    "If it goes wrong, it almost always goes wrong in the same place.",
    "Now compare that with how it was done before, and you will see the difference.",
    "That one change saved us an afternoon, and it will save you one too.",
    "Keep an eye on the order here, because everything after depends on it.",
    "You do not need special tools for {}, only a little patience.",
    "By the end you will know exactly when {} is worth your time and when it is not.",
    "Start small, look at the result, and change one thing at a time.",
    "We measured it three times, and the answer was the same each time.",
    "This is the step that most guides on {} leave out.",
    "Put it side by side with the usual way and count the minutes.",
    "There is one exception, and it is easier to spot than you would expect.",
    "Once you have seen it done, {} stops being a mystery.",
    "What costs the most here is waiting, so do that part first.",
    "If you remember one thing about {}, let it be this one.",
    "Nothing about this is new, yet hardly anybody does it in this order.",
    "Give it a day, come back with fresh eyes, and you will see what to fix.",
];

pub(super) const WHYS: &[&str] = &[
    "The channel's strongest videos on {} promised one clear result and kept the promise early.",
    "Viewers reacted well above the usual level when {} came with a concrete number or a test.",
    "It joins {} with the question form that did best here, which the channel has not combined yet.",
    "Videos on {} held their audience longer than the channel's median.",
];

pub(super) const ANGLES: &[&str] = &[
    "Start from the result and work backwards, so that {} explains itself.",
    "Do it twice, once by the book and once with half the steps, and let the viewer judge.",
    "Put a number on {}: time, cost and what was left over.",
    "Let a beginner try {} first and only then show how it is usually done.",
    "Answer the three questions that viewers asked most about {}.",
];

pub(super) const VISUALS: &[&str] = &[
    "Close-up of {} on a plain table, slow push in.",
    "Split screen: the old way on the left, {} on the right.",
    "Hands at work, captions for each step.",
    "A simple chart that grows as the number is spoken.",
    "The finished result, turned once into the light.",
    "Top view of the whole workplace, everything in its place.",
    "A clock in the corner while {} goes on in the foreground.",
    "The mistake in slow motion, then the right way at full speed.",
    "Two results side by side, labelled one and two.",
];

pub(super) const HEADINGS: &[&str] = &[
    "The problem with {}",
    "What we tried",
    "The step that matters",
    "How {} compares",
    "The result",
    "What to do next",
    "Where it goes wrong",
    "The cheap version",
];
