"""Where a built program begins: as a child of its own, or as the program."""

from workbench.children import be_the_child_asked_for

if __name__ == "__main__":
    be_the_child_asked_for()

    from workbench.__main__ import main

    main()
