from apps.hub import main

main()
